"""Where lanes run: bounded, watched and replaced processes that hold no state and know nothing of the server."""
