#!/bin/sh
# PID 1 of a node, in namespaces of its own: builds the node's root and network, then only reaps.
# Says its pid (as the machine sees it), waits for a line that its link is there, says "ready".
set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
unset LD_LIBRARY_PATH LD_PRELOAD PYTHONPATH

read -r pid _ </proc/self/stat
echo "$pid"

mount -t tmpfs -o mode=755 tmpfs "$NODE_HOME/memory"
cd "$NODE_HOME/memory"
mkdir upper work root
mount -t overlay -o lowerdir=/,upperdir=upper,workdir=work overlay root
cd root

mount -t proc proc proc
mount -t sysfs sysfs sys
for kept in fs/cgroup kernel/security; do
    if [ -d "/sys/$kept" ]; then mount --rbind "/sys/$kept" "sys/$kept"; fi
done
mount --bind /dev dev
mount -t devpts -o ptmxmode=0666,mode=0620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
# The machine's own home, local programs and labs are no part of a plain Debian node.
mount -t tmpfs -o mode=700 tmpfs root
mount -t tmpfs -o mode=755 tmpfs usr/local
mkdir -p "./$NODE_HIDE"
mount -t tmpfs -o mode=755 tmpfs "./$NODE_HIDE"
mkdir -p usr/local/bin usr/local/sbin usr/local/lib run/lock run/sshd run/lab var/lib/docker
mount --bind "$NODE_HOME/docker" var/lib/docker
if [ "$NODE_DOCKER" = no ]; then
    rm -f usr/bin/docker usr/sbin/dockerd
fi

# Whose machine it is: a plain virtual one, though the lab's may have no DMI data, or be a cloud's.
mkdir run/lab/sysfs
mount -t sysfs sysfs run/lab/sysfs
mount -t tmpfs -o mode=755 tmpfs sys/class
(cd sys/class && ln -s ../../run/lab/sysfs/class/* . && rm -f dmi && mkdir -p dmi/id)
echo "$NODE_VENDOR" >sys/class/dmi/id/sys_vendor
echo "Standard PC (Q35 + ICH9, 2009)" >sys/class/dmi/id/product_name

rm -rf etc/ssh etc/docker etc/modules-load.d
mkdir etc/docker etc/modules-load.d
cp -a --remove-destination "$NODE_HOME/files/." .
sed -i 's/^root:[^:]*:/root:*:/' etc/shadow # a locked root could not log in with a key either
hostname "$NODE_NAME"

# A module list, kernel configuration and tools of its own, where the test wants other than the machine's.
if [ "$NODE_IP_VS" != host ]; then
    mount -t tmpfs -o mode=755 tmpfs sys/module
    if [ "$NODE_IP_VS" = loaded ]; then
        mkdir sys/module/ip_vs
        echo live >sys/module/ip_vs/initstate
    fi
    # A kernel built without modules has no such file, and none can be made.
    if [ -e proc/modules ]; then mount --bind run/lab/modules proc/modules; fi
    # Debian's are links to /bin/kmod, which would be followed to the machine's own file here.
    cp --remove-destination usr/local/sbin/modprobe usr/sbin/modprobe
    cp --remove-destination usr/local/sbin/modinfo usr/sbin/modinfo
    if [ -e proc/config.gz ]; then
        gzip -c run/lab/config >run/lab/config.gz
        mount --bind run/lab/config.gz proc/config.gz
    fi
fi

mkdir run/machine
pivot_root . run/machine
cd /
umount -l /run/machine
rmdir /run/machine

if [ "$NODE_USER" != root ]; then
    groupadd --force docker
    useradd --create-home --shell /bin/bash --password '*' \
        ${NODE_GROUPS:+--groups "$NODE_GROUPS"} "$NODE_USER"
    if [ -n "$NODE_PASSWORD" ]; then
        echo "$NODE_USER:$NODE_PASSWORD" | chpasswd --crypt-method SHA512
    fi
fi
home=$(getent passwd "$NODE_USER" | cut -d: -f6)
mkdir -m 700 "$home/.ssh"
cp /run/lab/authorized_keys "$home/.ssh/authorized_keys"
chown -R "$NODE_USER:" "$home/.ssh"

read -r _
ip link set lo up
ip link set "$NODE_INTERFACE" up
for address in $NODE_ADDRESSES; do
    ip address add "$address" dev "$NODE_INTERFACE"
done
echo ready
exec docker-init -- sleep infinity </dev/null >/dev/null 2>&1
