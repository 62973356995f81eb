"""How a request becomes a result: route, recall, draft, check, repair, rank. The same steps for every kind."""
