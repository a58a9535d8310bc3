# Looks for secrets inside a sandbox, in every place an agent's user can read. Each argument is a regular expression that does not match itself.
# Prints one line "FOUND <where>" per hit, and "searched <what>" for what was looked at.
set -u
expressions=$(printf -- '-e %s ' "$@")
hit() { printf 'FOUND %s\n' "$1"; }
env | grep -qE $expressions && hit env
for each in /proc/[0-9]*/environ /proc/[0-9]*/cmdline; do tr '\0' '\n' <"$each" 2>/dev/null | grep -vE '\[' | grep -qE $expressions && hit "$each"; done
printf 'searched %s processes\n' "$(ls -d /proc/[0-9]* | wc -l)"
git -C /work config --list --show-origin 2>/dev/null | grep -qE $expressions && hit 'git config'
git -C /work remote -v | grep -q . && hit 'a git remote'
for place in /work /home /root /run /tmp /etc /var /opt /mnt /media /srv /boot; do
  found=$(grep -rlsaE $expressions "$place" --devices=skip --exclude-dir=proc --exclude=claude --exclude=node 2>/dev/null)
  [ -n "$found" ] && hit "$found"
  printf 'searched %s\n' "$place"
done
printf 'search done\n'
