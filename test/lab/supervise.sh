#!/bin/sh
# supervise.sh FOLDER COMMAND [ARGUMENT ...]: runs the command until it ends or standard input does, then kills
# what is left of it and removes the folder. It outlives whoever started it: however that process dies, its end of
# the pipe closes. Exits with the number in FOLDER/status, or 125 where the command did not get to write one.
folder=$1
shift
trap '' HUP INT TERM
ulimit -c 0
exec 3<&0
# A group of its own: a User-Mode Linux kernel is many processes, and all of them stay in it.
setsid "$@" </dev/null &
guest=$!
# A word of the shell's own to whoever is gone would end it before it has cleaned up.
exec >/dev/null 2>&1
{
  cat <&3
  kill -s KILL -- "-$guest" || kill -s KILL "$guest"
} &
wait "$guest"
kill -s KILL -- "-$guest"
status=$(cat "$folder/status" || echo 125)
rm -rf "$folder"
exit "$status"
