package p

var e = Event{EventType: "NODE_START", Kind: "node_start"}
