"""Question and answer by libzmq: ask.py REQ|REP|DEALER|ROUTER ENDPOINT COUNT.

Those that ask send COUNT numbers and check that each comes back; those that
answer send back what they get.
"""
import sys
import zmq

kind, endpoint, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
socket = zmq.Context().socket(getattr(zmq, kind))
socket.connect(endpoint)
if kind == "DEALER":
    socket.send(b"hello")
for i in range(count):
    if kind == "REQ":
        socket.send_multipart([b"question", b"%d" % i])
        assert socket.recv_multipart() == [b"question", b"%d" % i]
    else:
        socket.send_multipart(socket.recv_multipart())
print("done", count)
