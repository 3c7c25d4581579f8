/* Stands between keepalived and libnl (LD_PRELOAD), so that its checkers run on a kernel without IPVS.
 *
 * keepalived looks up the netlink family of IPVS, sends a request and reads until the callback that it has set for ACK
 * was called. Here the family is always found, requests go nowhere, and reading calls that callback as for an ACK of
 * the kernel. Nothing else of keepalived is touched: its checks run as they are.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>

/* As in libnl's netlink/handlers.h, whose package a machine that runs keepalived need not have. */
enum { NL_CB_ACK = 4 };
typedef int (*callback)(void *message, void *argument);

static struct {
  callback call;
  void *argument;
} on_ack;

/* Any number that is no family's: nothing is ever sent to it. */
int genl_ctrl_resolve(void *socket, const char *name) {
  (void)socket, (void)name;
  return 0x7fff;
}

int nl_socket_modify_cb(void *socket, int type, int kind, callback call, void *argument) {
  int (*real)(void *, int, int, callback, void *) = dlsym(RTLD_NEXT, "nl_socket_modify_cb");
  if (type == NL_CB_ACK) {
    on_ack.call = call;
    on_ack.argument = argument;
  }
  return real(socket, type, kind, call, argument);
}

int nl_send_auto(void *socket, void *message) {
  (void)socket, (void)message;
  return 1;
}

int nl_recvmsgs_default(void *socket) {
  (void)socket;
  if (on_ack.call != NULL) on_ack.call(NULL, on_ack.argument);
  return 0;
}
