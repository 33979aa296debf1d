"""The other side of an interoperability test: libzmq, by pyzmq.

peer pub|sub bind|connect ENDPOINT COUNT SIZE MECHANISM KEYS HEARTBEAT

"sub" prints "ready", receives COUNT messages "t.<number>" and prints how many
came, how many came out of order, and how many bodies were damaged. "pub" waits
for a subscription and then sends COUNT messages. KEYS are public and secret of
this side and public of the other, separated by spaces.
"""
import sys
import zmq

role, side, endpoint, count, size, mechanism, keys, heartbeat = sys.argv[1:9]
count, size, heartbeat = int(count), int(size), int(heartbeat)
context = zmq.Context()
socket = context.socket(zmq.XPUB if role == "pub" else zmq.SUB)
socket.sndhwm = socket.rcvhwm = 0
if heartbeat:
    socket.setsockopt(zmq.HEARTBEAT_IVL, heartbeat)
    # generous: on a busy machine a second without a sign is nothing
    socket.setsockopt(zmq.HEARTBEAT_TIMEOUT, 20 * heartbeat)
    socket.setsockopt(zmq.HEARTBEAT_TTL, 20 * heartbeat)
if mechanism == "plain-client":
    socket.plain_username, socket.plain_password = b"admin", b"secret"
elif mechanism == "curve-client":
    public, secret, server = keys.encode().split()
    socket.curve_publickey, socket.curve_secretkey, socket.curve_serverkey = public, secret, server
elif mechanism in ("plain-server", "curve-server"):
    import zmq.auth.thread
    auth = zmq.auth.thread.ThreadAuthenticator(context)
    auth.start()
    if mechanism == "plain-server":
        auth.configure_plain(domain="*", passwords={"admin": "secret"})
        socket.plain_server = True
    else:
        auth.configure_curve(domain="*", location=zmq.auth.CURVE_ALLOW_ANY)
        public, secret, _ = keys.encode().split()
        socket.curve_publickey, socket.curve_secretkey, socket.curve_server = public, secret, True

if role == "sub":
    socket.subscribe(b"t.")
(socket.bind if side == "bind" else socket.connect)(endpoint)
print("ready", socket.last_endpoint.decode().rstrip("\0"), flush=True)

body = b"x" * size
if role == "pub":
    while socket.recv() != b"\x01t.":
        pass
    for i in range(count):
        socket.send_multipart([b"t.%d" % i, body])
else:
    disordered = damaged = 0
    for i in range(count):
        topic, got = socket.recv_multipart()
        disordered += topic != b"t.%d" % i
        damaged += got != body
    print("received", count, disordered, damaged, flush=True)
sys.stdin.read()  # the test ends us
context.destroy(linger=0) if mechanism.endswith("client") or mechanism == "null" else None
import os
os._exit(0)
