/* The benchmark's peer: libzmq in C, one publisher and one subscriber.
 * cc -O2 libzmq.c -o libzmq -lzmq -lpthread; ./libzmq [proxy] ENDPOINT COUNT SIZE
 * prints messages per second. It blocks instead of dropping, as ours does. With
 * "proxy" both connect, and zmq_proxy is between them. */
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

static void *context, *pub;
static long count;
static size_t size;

static void *publish(void *unused) {
	char *body = malloc(size);
	memset(body, 'x', size);
	for (long i = 0; i < count; i++) {
		assert(zmq_send(pub, "t", 1, ZMQ_SNDMORE) == 1);
		assert(zmq_send(pub, body, size, 0) == (int)size);
	}
	free(body);
	return unused;
}

static void *front, *back; /* of the proxy: to the publisher, to the subscriber */

static void *pass(void *unused) {
	zmq_proxy(front, back, NULL);
	return unused;
}

/* end opens one end of the proxy and returns where it is. */
static void *end(int kind, const char *at, char *where, size_t length) {
	void *s = zmq_socket(context, kind);
	int hwm = 10000, nodrop = 1;
	zmq_setsockopt(s, ZMQ_SNDHWM, &hwm, sizeof hwm);
	zmq_setsockopt(s, ZMQ_RCVHWM, &hwm, sizeof hwm);
	if (kind == ZMQ_XPUB)
		zmq_setsockopt(s, ZMQ_XPUB_NODROP, &nodrop, sizeof nodrop);
	assert(zmq_bind(s, at) == 0);
	assert(zmq_getsockopt(s, ZMQ_LAST_ENDPOINT, where, &length) == 0);
	return s;
}

int main(int argc, char **argv) {
	int proxy = argc == 5;
	if (proxy)
		argv++, argc--;
	assert(argc == 4);
	count = atol(argv[2]);
	size = atol(argv[3]);
	context = zmq_ctx_new();
	pub = zmq_socket(context, ZMQ_XPUB);
	void *sub = zmq_socket(context, ZMQ_SUB);
	int hwm = 10000, nodrop = 1;
	zmq_setsockopt(pub, ZMQ_SNDHWM, &hwm, sizeof hwm);
	zmq_setsockopt(pub, ZMQ_XPUB_NODROP, &nodrop, sizeof nodrop);
	zmq_setsockopt(sub, ZMQ_RCVHWM, &hwm, sizeof hwm);
	zmq_setsockopt(sub, ZMQ_SUBSCRIBE, "t", 1);
	char where[256], second[256];
	size_t length = sizeof where;
	pthread_t between;
	if (proxy) {
		front = end(ZMQ_XSUB, argv[1], where, sizeof where);
		snprintf(second, sizeof second, "%s%s", argv[1], strncmp(argv[1], "ipc:", 4) ? "" : "2");
		back = end(ZMQ_XPUB, second, second, sizeof second);
		pthread_create(&between, NULL, pass, NULL);
		assert(zmq_connect(pub, where) == 0);
		assert(zmq_connect(sub, second) == 0);
	} else {
		assert(zmq_bind(pub, argv[1]) == 0);
		assert(zmq_getsockopt(pub, ZMQ_LAST_ENDPOINT, where, &length) == 0);
		assert(zmq_connect(sub, where) == 0);
	}
	char subscription[2];
	assert(zmq_recv(pub, subscription, 2, 0) == 2);

	struct timespec from, to;
	clock_gettime(CLOCK_MONOTONIC, &from);
	pthread_t thread;
	pthread_create(&thread, NULL, publish, NULL);
	zmq_msg_t frame;
	zmq_msg_init(&frame);
	for (long i = 0; i < count; i++) {
		assert(zmq_msg_recv(&frame, sub, 0) == 1);
		assert(zmq_msg_recv(&frame, sub, 0) == (int)size);
	}
	clock_gettime(CLOCK_MONOTONIC, &to);
	pthread_join(thread, NULL);
	printf("%.0f\n", count / ((to.tv_sec - from.tv_sec) + (to.tv_nsec - from.tv_nsec) / 1e9));
	fflush(stdout);
	if (proxy)
		_exit(0); /* the proxy never ends */
	zmq_msg_close(&frame);
	zmq_close(sub);
	zmq_close(pub);
	zmq_ctx_term(context);
	return 0;
}
