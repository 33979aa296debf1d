package p

var e = Event{EventType: "node_start"} // want "NODE_START"
