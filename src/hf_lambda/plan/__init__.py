"""The plan: which frames go where, frozen in a document that any worker can render any chunk from."""
