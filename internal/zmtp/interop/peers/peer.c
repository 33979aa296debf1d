/* The other side of an interoperability test: libzmq, by czmq.
 *
 * peer pub|sub bind|connect ENDPOINT COUNT SIZE MECHANISM KEYS HEARTBEAT
 *
 * "sub" prints "ready" and its endpoint, receives COUNT messages "t.<number>"
 * and prints how many came, how many came out of order, and how many bodies were
 * damaged. "pub" waits for a subscription and then sends COUNT messages. KEYS are
 * public and secret of this side and public of the other, separated by spaces. */
#include <czmq.h>

static zactor_t *authenticator(void) {
	zactor_t *auth = zactor_new(zauth, NULL);
	assert(auth);
	return auth;
}

static zactor_t *secure(zsock_t *s, const char *mechanism, char *keys) {
	if (streq(mechanism, "plain-client")) {
		zsock_set_plain_username(s, "admin");
		zsock_set_plain_password(s, "secret");
	} else if (streq(mechanism, "plain-server")) {
		zactor_t *auth = authenticator();
		char name[] = "/tmp/onex-czmq-XXXXXX";
		int fd = mkstemp(name);
		assert(fd >= 0 && write(fd, "admin=secret\n", 13) == 13);
		close(fd);
		zstr_sendx(auth, "PLAIN", name, NULL);
		zsock_wait(auth);
		unlink(name);
		zsock_set_plain_server(s, 1);
		return auth;
	} else if (strneq(mechanism, "null")) {
		char *public = strtok(keys, " "), *secret = strtok(NULL, " "), *other = strtok(NULL, " ");
		zactor_t *auth = NULL;
		if (streq(mechanism, "curve-server")) {
			auth = authenticator();
			zstr_sendx(auth, "CURVE", CURVE_ALLOW_ANY, NULL);
			zsock_wait(auth);
		}
		zsock_set_curve_publickey(s, public);
		zsock_set_curve_secretkey(s, secret);
		if (auth)
			zsock_set_curve_server(s, 1);
		else
			zsock_set_curve_serverkey(s, other);
		return auth;
	}
	return NULL;
}

static void receive(zsock_t *s, long count, const char *body) {
	long disordered = 0, damaged = 0;
	char want[32], *topic, *got;
	for (long i = 0; i < count; i++) {
		assert(zstr_recvx(s, &topic, &got, NULL) == 2);
		snprintf(want, sizeof want, "t.%ld", i);
		disordered += !streq(topic, want);
		damaged += !streq(got, body);
		zstr_free(&topic);
		zstr_free(&got);
	}
	printf("received %ld %ld %ld\n", count, disordered, damaged);
	fflush(stdout);
}

static void publish(zsock_t *s, long count, const char *body) {
	char topic[32];
	zframe_t *subscription = zframe_recv(s);
	zframe_destroy(&subscription);
	for (long i = 0; i < count; i++) {
		snprintf(topic, sizeof topic, "t.%ld", i);
		assert(zstr_sendx(s, topic, body, NULL) == 0);
	}
}

int main(int argc, char **argv) {
	assert(argc == 9);
	int sub = streq(argv[1], "sub");
	long count = atol(argv[4]), size = atol(argv[5]);
	int heartbeat = atoi(argv[8]);
	char *body = malloc(size + 1);
	memset(body, 'x', size);
	body[size] = 0;
	zsock_t *s = zsock_new(sub ? ZMQ_SUB : ZMQ_XPUB);
	assert(s);
	zsock_set_sndhwm(s, 0);
	zsock_set_rcvhwm(s, 0);
	zsock_set_linger(s, 0);
	if (heartbeat) {
		/* generous: on a busy machine a second without a sign is nothing */
		zsock_set_heartbeat_ivl(s, heartbeat);
		zsock_set_heartbeat_timeout(s, 20 * heartbeat);
		zsock_set_heartbeat_ttl(s, 20 * heartbeat);
	}
	zactor_t *auth = secure(s, argv[6], argv[7]);
	if (sub)
		zsock_set_subscribe(s, "t.");
	if (streq(argv[2], "bind"))
		assert(zsock_bind(s, "%s", argv[3]) != -1);
	else
		assert(zsock_connect(s, "%s", argv[3]) == 0);
	printf("ready %s\n", zsock_last_endpoint(s));
	fflush(stdout);
	if (sub)
		receive(s, count, body);
	else
		publish(s, count, body);
	char end[1];
	while (read(0, end, 1) > 0)
		; /* the test ends us */
	zsock_destroy(&s);
	zactor_destroy(&auth);
	free(body);
	return 0;
}
