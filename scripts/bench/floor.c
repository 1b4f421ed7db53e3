/*
 * The least that recording can cost: receives what the cameras send and writes it to one file each, as it is. No packet is
 * looked at, there is no container, no index and no sync. One process, one thread.
 *
 *     floor PORT CAMERAS TRACKS NAP_MS FOLDER
 *
 * With a nap it reads all sockets once per nap, else whenever something has come. Ends with SIGTERM.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CHUNK (256 * 1024)

struct camera {
	int socket, file;
	size_t held;
	char *bytes;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* Sends a request and reads to the end of the answer's head, a byte at a time, since media may follow it at once. */
static void ask(int socket, const char *request, char *reply, size_t room)
{
	size_t length = 0;

	if (write(socket, request, strlen(request)) < 0)
		die("request");
	do {
		if (length + 1 >= room || read(socket, reply + length, 1) != 1)
			die("answer");
		reply[++length] = 0;
	} while (length < 4 || strcmp(reply + length - 4, "\r\n\r\n") != 0);
	if (strncmp(reply, "RTSP/1.0 200", 12) != 0) {
		fprintf(stderr, "%s", reply);
		exit(1);
	}
}

static void play(struct camera *camera, int port, int number, int tracks, const char *folder)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
	char text[1024], reply[4096], url[128], session[128] = "";

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	camera->socket = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(camera->socket, (struct sockaddr *)&address, sizeof address) != 0)
		die("connect");
	snprintf(url, sizeof url, "rtsp://127.0.0.1:%d/cam%d", port, number);
	for (int track = 0; track < tracks; track++) {
		snprintf(text, sizeof text,
			 "SETUP %s/trackID=%d RTSP/1.0\r\nCSeq: %d\r\n%sTransport: RTP/AVP/TCP;unicast;interleaved=%d-%d\r\n\r\n",
			 url, track, track + 1, session, track * 2, track * 2 + 1);
		ask(camera->socket, text, reply, sizeof reply);
		const char *found = strstr(reply, "Session: ");
		if (found)
			snprintf(session, sizeof session, "%.*s\r\n", (int)strcspn(found, ";\r\n"), found);
	}
	snprintf(text, sizeof text, "PLAY %s RTSP/1.0\r\nCSeq: 9\r\n%s\r\n", url, session);
	ask(camera->socket, text, reply, sizeof reply);
	snprintf(text, sizeof text, "%s/cam%d", folder, number);
	camera->file = open(text, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	camera->bytes = malloc(CHUNK);
	if (camera->file < 0 || !camera->bytes)
		die("file");
}

static void take(struct camera *camera)
{
	ssize_t count = read(camera->socket, camera->bytes + camera->held, CHUNK - camera->held);

	if (count <= 0)
		exit(0);
	camera->held += count;
	if (camera->held < CHUNK)
		return;
	if (write(camera->file, camera->bytes, CHUNK) != CHUNK)
		die("write");
	camera->held = 0;
}

int main(int argc, char **argv)
{
	if (argc != 6)
		return 2;
	int port = atoi(argv[1]), count = atoi(argv[2]), tracks = atoi(argv[3]), nap_ms = atoi(argv[4]);
	struct timespec nap = {.tv_sec = nap_ms / 1000, .tv_nsec = nap_ms % 1000 * 1000000L};
	struct camera *cameras = calloc(count, sizeof *cameras);
	struct pollfd *waiting = calloc(count, sizeof *waiting);

	for (int i = 0; i < count; i++) {
		play(&cameras[i], port, i, tracks, argv[5]);
		waiting[i] = (struct pollfd){.fd = cameras[i].socket, .events = POLLIN};
	}
	for (;;) {
		if (nap_ms > 0)
			nanosleep(&nap, NULL);
		if (poll(waiting, count, -1) < 0)
			die("poll");
		for (int i = 0; i < count; i++)
			if (waiting[i].revents)
				take(&cameras[i]);
	}
}
