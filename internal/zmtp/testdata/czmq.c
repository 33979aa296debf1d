/* The other side of an interoperability test: czmq.
 * cc czmq.c -o czmq -lczmq; ./czmq pub|sub ENDPOINT COUNT
 * ENDPOINT begins with @ to bind and with > to connect. "sub" prints "ready",
 * and then how many messages came and how many of them out of order. */
#include <czmq.h>

int main(int argc, char **argv) {
	assert(argc == 4);
	long count = atol(argv[3]), disordered = 0;
	char want[32], *topic, *body;
	if (streq(argv[1], "sub")) {
		zsock_t *sub = zsock_new_sub(argv[2], "t.");
		assert(sub);
		puts("ready");
		fflush(stdout);
		for (long i = 0; i < count; i++) {
			assert(zstr_recvx(sub, &topic, &body, NULL) == 2);
			snprintf(want, sizeof want, "t.%ld", i);
			disordered += !streq(topic, want);
			zstr_free(&topic);
			zstr_free(&body);
		}
		printf("received %ld %ld\n", count, disordered);
		zsock_destroy(&sub);
		return 0;
	}
	zsock_t *pub = zsock_new_xpub(argv[2]);
	assert(pub);
	zsock_set_sndhwm(pub, 0);
	puts("ready");
	fflush(stdout);
	zframe_t *subscription = zframe_recv(pub);
	zframe_destroy(&subscription);
	for (long i = 0; i < count; i++) {
		snprintf(want, sizeof want, "t.%ld", i);
		assert(zstr_sendx(pub, want, "body", NULL) == 0);
	}
	zsock_set_linger(pub, -1);
	zsock_destroy(&pub);
	return 0;
}
