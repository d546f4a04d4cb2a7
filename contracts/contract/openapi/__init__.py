"""Reading OpenAPI documents: files, references, operations and what they are made of. Knows no comparison."""
