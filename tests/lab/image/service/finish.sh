#!/bin/sh
# Takes the IPv4 VIPs off whatever interface has them; an IPv6 one is left alone, as in the original.

while read -r vip _; do
    case $vip in
        *:*)
            echo "skipping address: $vip - ipv6 not supported yet :("
            continue
            ;;
    esac
    ip -o -4 addr show | while read -r _ interface _ address _; do
        if [ "${address%/*}" = "${vip%/*}" ]; then
            ip addr del "$address" dev "$interface"
        fi
    done
done <"$CONTAINER_LISTS_DIR/vips"
exit 0
