// Lets a function of schema.go have no body: it is linked to the machinery's.
