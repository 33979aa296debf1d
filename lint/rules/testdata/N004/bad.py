event = {"event_type": "node_announce"}  # want "NODE_ANNOUNCE"
send(event_type="Node_Start")  # want "NODE_START"
