"""An API that answers from a release, for a UI team that cannot wait. It keeps what it is given, in memory."""
