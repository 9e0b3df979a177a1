"""From a project folder to a page that can be seeked: find the root, embed fonts, place the runtime."""
