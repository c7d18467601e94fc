"""Identity providers: who else may say who somebody is, by OpenID Connect. They are asked; nothing is kept here."""
