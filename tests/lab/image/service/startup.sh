#!/bin/sh
# Before every start: the template is filled in once in a container's life, stale VIPs are removed each time.
set -e

config=$CONTAINER_SERVICE_DIR/keepalived/assets/keepalived.conf
done_before=$CONTAINER_STATE_DIR/docker-keepalived-first-start-done

fill() { # NAME VALUE; a value with |, & or \ breaks here exactly as it does in the original
    sed -i "s|{{ $1 }}|$2|g" "$config"
}

fill_list() { # NAME FILE
    while IFS= read -r item; do
        fill "$1" "$item\n    {{ $1 }}"
    done <"$2"
    sed -i "/{{ $1 }}/d" "$config"
}

if [ ! -e "$done_before" ]; then
    fill KEEPALIVED_STATE "$KEEPALIVED_STATE"
    fill KEEPALIVED_ROUTER_ID "$KEEPALIVED_ROUTER_ID"
    fill KEEPALIVED_INTERFACE "$KEEPALIVED_INTERFACE"
    fill KEEPALIVED_PRIORITY "$KEEPALIVED_PRIORITY"
    fill KEEPALIVED_PASSWORD "$KEEPALIVED_PASSWORD"
    if [ -n "$KEEPALIVED_NOTIFY" ]; then
        fill KEEPALIVED_NOTIFY "notify \"$KEEPALIVED_NOTIFY\""
        chmod +x "$KEEPALIVED_NOTIFY"
    else
        sed -i '/{{ KEEPALIVED_NOTIFY }}/d' "$config"
    fi
    fill_list KEEPALIVED_UNICAST_PEERS "$CONTAINER_LISTS_DIR/peers"
    fill_list KEEPALIVED_VIRTUAL_IPS "$CONTAINER_LISTS_DIR/vips"
    touch "$done_before"
fi

"$CONTAINER_SERVICE_DIR/keepalived/finish.sh"
[ -e /usr/local/etc/keepalived/keepalived.conf ] ||
    ln -sf "$config" /usr/local/etc/keepalived/keepalived.conf
rm -f /run/keepalived.pid
