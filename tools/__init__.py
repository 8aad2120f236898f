"""The assistant's tools: one file per function that the model can call.

A module of this package defines one tool with `tools.support.contract.tool`; it's found without
being named anywhere else, and refused at import when it breaks the contract. See docs/tools.md.
"""
