"""The reference of a document as one page that works offline, without scripts or fonts."""
