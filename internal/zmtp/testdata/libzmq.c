/* The benchmark's peer: libzmq in C, one publisher and one subscriber.
 * cc -O2 libzmq.c -o libzmq -lzmq -lpthread; ./libzmq ENDPOINT COUNT SIZE
 * prints messages per second. It blocks instead of dropping, as ours does. */
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
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

int main(int argc, char **argv) {
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
	char where[256];
	size_t length = sizeof where;
	assert(zmq_bind(pub, argv[1]) == 0);
	assert(zmq_getsockopt(pub, ZMQ_LAST_ENDPOINT, where, &length) == 0);
	assert(zmq_connect(sub, where) == 0);
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
	zmq_msg_close(&frame);
	zmq_close(sub);
	zmq_close(pub);
	zmq_ctx_term(context);
	return 0;
}
