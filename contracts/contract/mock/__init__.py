"""An API that answers from a document, for a UI team that cannot wait. It stores what it receives in memory."""
