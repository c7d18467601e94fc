"""Views without state: Vars and handlers in, a component out. No file here imports a State."""
