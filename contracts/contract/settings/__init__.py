"""What a repository says in `.contract.toml`: its policy, waivers and baseline, rules of lint, and its layout."""
