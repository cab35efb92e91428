#!/bin/sh
# keepalived runs this at each transition; the third argument is the new state.

case $3 in
    MASTER) echo "I'm the MASTER! Whup whup." ;;
    BACKUP) echo "Ok, i'm just a backup, great." ;;
    FAULT) echo 'Fault, what ?' ;;
    *) echo 'Unknown state' && exit 1 ;;
esac >/proc/1/fd/1
