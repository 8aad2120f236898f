"""What the page says beside its numbers."""

ABOUT = """\
A customer writes "I'd like a haircut on Tue 2026-11-24 10:00, please"; a booking is measured up
to the words that confirm it. All parties get the same prompt, the same newest message, the same
three tools (`get_available_slots`, `create_appointment`, `get_customer`: names, descriptions,
schemas and argument models are the product's) on the same calendar in memory, and talk to the
same strict fake of the provider in a process of its own. Each party has a process of its own;
all of them live at once and book in turn, {bookings} bookings at a time, {rounds} rounds, after
one that warms up. A number is the median over rounds; a ratio is the median of the rounds'
ratios. History is handed to each in its own ready form, tracing is off, and nobody stores
anything.

* **bare HTTP**: one `httpx2` request with the same JSON, the same checked arguments, the same
  calendar, and an f-string for an answer. No retries, no checks. It shows what can't be saved.
* **this assistant, model path**: the turn's engine with circuit, retries and truth checks, the
  card, and the receipt after the tap. One model call: the card and the receipt are written by
  code.
* **this assistant, whole turn**: the product as it runs, with all its tools, on PostgreSQL, for
  the message and the tap: customer, history, journal, booking, outbox and conversation, in
  transactions with row-level security. The other parties do none of this. PostgreSQL's own CPU
  isn't in it.
* **the others**: an agent as their documentation builds it, the Responses API, the SDK's
  client. The natural loop of a model with these tools is to list, to book and to answer: three
  calls. "Books first" is a model that needs only two; one call isn't possible, as the answer is
  the model's.
"""

BETTER = """\
## Where the others are better

* **More models.** pydantic-ai speaks to some twenty providers in their own protocols,
  openai-agents to any through adapters; this assistant speaks OpenAI's two endpoints and what
  is compatible.
* **More kinds of agents.** Hand-offs between agents, MCP servers, hosted tools (web and file
  search), structured output, realtime voice: both have most of them, this assistant has none,
  as it only books.
* **Parallel tools.** Both run several tool calls of one reply at once. This assistant turns
  parallel calls off, since strict arguments aren't promised in them, and runs calls one after
  the other.
* **Less to write for another task.** An agent with three tools is thirty lines with either; the
  engine here expects the product's context, ledger and texts around it.
* **Tooling.** openai-agents brings tracing with a viewer and stores for sessions; pydantic-ai
  brings evaluation, typed dependencies, durable execution and a model for tests that makes
  arguments up.
* **Community.** Many users, many eyes, examples for everything.
"""
