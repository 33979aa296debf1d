package app

// ListenHTTP is for tests: a daemon says which address it listens on only when
// it is ready.
var ListenHTTP = listenHTTP
