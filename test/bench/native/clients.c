/* Clients of a balancer, in one process that waits for all of them.
 *
 * `clients load PORT COUNT SECONDS PATH`: so many at once ask for the path over HTTP/1.0, each time on a new connection,
 * and end it with a reset when the answer has ended, so that no port waits. Writes on standard output, as one line, how
 * many answers were whole, how many bytes they had, how many connections failed, and the seconds that it took.
 *
 * `clients hold PORT COUNT`: opens so many connections, 64 at once, says `held`, and keeps them until it is ended.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define DESCRIPTORS 65536
#define EVENTS 256
#define AT_ONCE 64

enum state { CONNECTING, ASKED, ANSWERED };

static int poller;
static struct sockaddr_in server = {.sin_family = AF_INET};
static unsigned char states[DESCRIPTORS];
static char answer[262144];

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void begin(void) {
  const int on = 1;
  const struct linger reset = {1, 0};
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (fd < 0 || fd >= DESCRIPTORS) fail("socket");
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(fd, (struct sockaddr *)&server, sizeof server) < 0 && errno != EINPROGRESS) fail("connect");
  states[fd] = CONNECTING;
  event.data.fd = fd;
  if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll_ctl");
}

static void load(int count, double seconds, const char *path) {
  struct epoll_event events[EVENTS];
  long whole = 0, failed = 0;
  double bytes = 0, start = now(), end;
  char request[256];
  const int length = snprintf(request, sizeof request, "GET %s HTTP/1.0\r\n\r\n", path);
  for (int index = 0; index < count; index += 1) begin();
  while ((end = now()) - start < seconds) {
    const int ready = epoll_wait(poller, events, EVENTS, 100);
    for (int index = 0; index < ready; index += 1) {
      const int fd = events[index].data.fd;
      if (states[fd] == CONNECTING && (events[index].events & EPOLLOUT)) {
        if (send(fd, request, (size_t)length, MSG_NOSIGNAL) == length) states[fd] = ASKED;
      }
      if (!(events[index].events & (EPOLLIN | EPOLLHUP | EPOLLERR))) continue;
      for (;;) {
        const ssize_t got = recv(fd, answer, sizeof answer, 0);
        if (got < 0 && errno == EAGAIN) break;
        if (got > 0) {
          bytes += (double)got;
          states[fd] = ANSWERED;
          continue;
        }
        if (got == 0 && states[fd] == ANSWERED) whole += 1;
        else failed += 1;
        close(fd);
        begin();
        break;
      }
    }
  }
  printf("%ld %.0f %ld %.6f\n", whole, bytes, failed, end - start);
}

static void hold(int count) {
  struct epoll_event events[EVENTS];
  int begun = 0, open = 0;
  while (open < count) {
    while (begun < count && begun - open < AT_ONCE) {
      begin();
      begun += 1;
    }
    const int ready = epoll_wait(poller, events, EVENTS, 1000);
    for (int index = 0; index < ready; index += 1) {
      const int fd = events[index].data.fd;
      if (events[index].events & (EPOLLHUP | EPOLLERR)) {
        fprintf(stderr, "a connection was lost, with %d open\n", open);
        exit(1);
      }
      if (states[fd] == CONNECTING) open += 1;
      states[fd] = ASKED;
    }
  }
  printf("held\n");
  fflush(stdout);
  for (;;) pause();
}

int main(int count, char **words) {
  struct rlimit limit;
  if (count < 4) return 2;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  server.sin_port = htons((unsigned short)atoi(words[2]));
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  poller = epoll_create1(EPOLL_CLOEXEC);
  if (poller < 0) fail("epoll_create1");
  if (strcmp(words[1], "hold") == 0) hold(atoi(words[3]));
  if (count < 6) return 2;
  load(atoi(words[3]), atof(words[4]), words[5]);
  return 0;
}
