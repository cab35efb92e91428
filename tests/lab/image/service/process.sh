#!/bin/sh
# Becomes keepalived, in the foreground and logging to this container's log.

printf 'Waiting config file /usr/local/etc/keepalived/keepalived.conf'
until [ -e /usr/local/etc/keepalived/keepalived.conf ]; do
    printf .
    sleep 0.1
done
echo ok
# shellcheck disable=SC2086 # the arguments are meant to be split
exec keepalived -f /usr/local/etc/keepalived/keepalived.conf --dont-fork --log-console \
    $KEEPALIVED_COMMAND_LINE_ARGUMENTS
