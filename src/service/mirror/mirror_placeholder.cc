// Takes the place of what is being written.
