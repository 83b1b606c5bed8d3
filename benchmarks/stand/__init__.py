"""What the benchmark of the read side stands on: a database with data, both servers, the loader, the questions."""
