event = {"event_type": "NODE_ANNOUNCE"}
event_type = kind
text = "event_type: node_announce"
other = {"event_type": "a b"}
