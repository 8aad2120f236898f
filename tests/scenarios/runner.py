"""Plays a scenario with the replies that its file has for the model."""

from __future__ import annotations

import json

from assistant.conversation import Script
from assistant.evaluation import player
from assistant.evaluation.player import INTERNALS
from assistant.evaluation.scenario import CallFile, ReplyFile, Scenario, TurnFile
from assistant.model.port import Finish, Model, ModelError, ModelReply, ToolCall, Usage
from db.session import Database
from tests.fakes.model import ScriptedModel, Step

__all__ = ["INTERNALS", "Player"]


class Player(player.Player):
    """Plays one scenario by its script; all of the replies must be used, and no more."""

    exact = True

    def __init__(self, database: Database, scenario: Scenario, script: Script) -> None:
        super().__init__(database, scenario, script)

    def model_for(self, turn: TurnFile) -> Model:
        """Return a model that plays the turn's replies."""
        return ScriptedModel([self._step(reply) for reply in turn.model])

    def after_turn(self, number: int, model: Model) -> None:
        """Hold it against the conversation if replies are left."""
        assert isinstance(model, ScriptedModel)
        if model.steps:
            self._problem(f"turn {number}: {len(model.steps)} replies of the model weren't used")

    def _step(self, reply: ReplyFile) -> Step:
        if reply.fails is not None:
            return ModelError(reply.fails, "away")
        calls = tuple(
            ToolCall(f"call_{self.updates}_{n}_{call.tool}", call.tool, self._arguments(call))
            for n, call in enumerate(reply.calls)
        )
        finish = reply.finish or (Finish.TOOL_CALLS if calls else Finish.STOP)
        return ModelReply(self._fill(reply.say), calls, finish, Usage(100, 0, 10), "scripted")

    def _arguments(self, call: CallFile) -> str:
        if isinstance(call.arguments, str):
            return self._fill(call.arguments)
        numbers = {f"${name}": row for name, row in self.ids.items()}
        return json.dumps(
            {
                key: numbers.get(value, self._fill(value)) if isinstance(value, str) else value
                for key, value in call.arguments.items()
            },
            ensure_ascii=False,
        )
