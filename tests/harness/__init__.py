"""What tests need to meet the running app: a browser, a server, a websocket. Nothing here knows the app's rules."""
