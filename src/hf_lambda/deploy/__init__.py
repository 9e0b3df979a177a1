"""What gets deployed: the toolchain here, the zip and the stack around it."""
