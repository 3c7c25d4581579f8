/* Writes down when checks arrive at the servers of this machine: `arrivals syn|data PORT`, `arrivals ping`.
 *
 * It listens to the loopback interface, so that it needs nothing of the server and sees every checker alike. A filter
 * in the kernel picks one packet for each check: the SYN of a new connection to the port, a segment that pushes data
 * to it (for connections that are kept), or an echo request. Each becomes 16 bytes on standard output: nanoseconds of
 * the kernel's clock (64 bits), the address (32 bits, network order), 0 (32 bits). Ends at SIGTERM, after the rest; what
 * was lost on the way is said on standard error. It says `ready` there when it listens.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define SYN 0x02
#define ACK 0x10
#define PSH 0x08

static volatile sig_atomic_t ending;

static void end(int signal) {
  (void)signal;
  ending = 1;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

/* The packet begins with its IP header: that is what SOCK_DGRAM of AF_PACKET gives. */
static struct sock_fprog filter_for(const char *mode, unsigned port) {
  static struct sock_filter tcp[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 0, 7),
      BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
      BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0 /* port */, 0, 4),
      BPF_STMT(BPF_LD | BPF_B | BPF_IND, 13),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0 /* flags looked at */),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0 /* flags set */, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 20),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  static struct sock_filter ping[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMP, 0, 4),
      BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
      BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 8 /* echo request */, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 20),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  if (strcmp(mode, "ping") == 0) return (struct sock_fprog){LENGTH(ping), ping};
  tcp[4].k = port;
  tcp[6].k = strcmp(mode, "syn") == 0 ? SYN | ACK : PSH;
  tcp[7].k = strcmp(mode, "syn") == 0 ? SYN : PSH;
  return (struct sock_fprog){LENGTH(tcp), tcp};
}

/* Bound to IP alone a socket sees what comes in, not what goes out: on loopback, each packet once. */
static int listen_on_loopback(struct sock_fprog filter) {
  const int room = 64 << 20, on = 1;
  struct sockaddr_ll where = {
      .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_ifindex = (int)if_nametoindex("lo")};
  int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  if (fd < 0) fail("socket");
  if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) < 0) fail("SO_ATTACH_FILTER");
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) < 0) fail("SO_RCVBUFFORCE");
  if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) < 0) fail("SO_TIMESTAMPNS");
  if (bind(fd, (struct sockaddr *)&where, sizeof where) < 0) fail("bind");
  return fd;
}

static void write_down(int fd) {
  unsigned char packet[20], control[64];
  for (;;) {
    struct iovec data = {packet, sizeof packet};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct timespec at = {0, 0};
    struct {
      uint64_t nanoseconds;
      uint32_t address, zero;
    } record = {0, 0, 0};
    if (recvmsg(fd, &message, 0) < (ssize_t)sizeof packet) return;
    for (struct cmsghdr *one = CMSG_FIRSTHDR(&message); one; one = CMSG_NXTHDR(&message, one)) {
      if (one->cmsg_type == SCM_TIMESTAMPNS) memcpy(&at, CMSG_DATA(one), sizeof at);
    }
    record.nanoseconds = (uint64_t)at.tv_sec * 1000000000u + (uint64_t)at.tv_nsec;
    memcpy(&record.address, packet + offsetof(struct iphdr, daddr), sizeof record.address);
    if (fwrite(&record, sizeof record, 1, stdout) != 1) fail("write");
  }
}

int main(int count, char **words) {
  const struct timespec pause = {0, 10 * 1000 * 1000};
  struct tpacket_stats statistics;
  socklen_t size = sizeof statistics;
  int fd;
  if (count < 2) return 2;
  fd = listen_on_loopback(filter_for(words[1], count > 2 ? (unsigned)atoi(words[2]) : 0));
  signal(SIGTERM, end);
  fprintf(stderr, "ready\n");
  /* Woken for each packet it would take processor time from those it looks at; the kernel notes the times anyway. */
  while (!ending) {
    write_down(fd);
    nanosleep(&pause, NULL);
  }
  write_down(fd);
  if (fflush(stdout) != 0) fail("write");
  if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &statistics, &size) == 0 && statistics.tp_drops > 0) {
    fprintf(stderr, "lost %u\n", statistics.tp_drops);
    return 1;
  }
  return 0;
}
