"""A request, from the durable row that it becomes to the answer that is shown."""
