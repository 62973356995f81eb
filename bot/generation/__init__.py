"""How a request becomes a result: route, recall, draft, finish, check, rank. The same steps for every kind."""
