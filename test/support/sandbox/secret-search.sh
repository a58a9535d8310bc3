# Looks for secrets inside a sandbox, in everything that an agent's user can read: files, environments, command lines, memory.
#   bash secret-search.sh <read-memory.mjs> <text>...
# The texts have each character in brackets, so that neither they nor a copy of them is a hit. One "FOUND <where>" per hit,
# "searched <what>" for what was looked at, and "control <where>" for a text that the search itself has planted and must find.
set -u
export LC_ALL=C
reader=$1
shift
planted=$(mktemp)
sh -c 'control=$(od -An -N16 -tx1 /dev/urandom | tr -d " \n"); echo "$control" > "$1"; CONTROL=$control exec sleep 3600' sh "$planted" &
sleeper=$!
until [ -s "$planted" ] && tr '\0' '\n' <"/proc/$sleeper/environ" | grep -q '^CONTROL='; do sleep 0.1; done
texts=$(printf '%s\n' "$@" "$(sed 's/./[&]/g' "$planted")")
pids=$(cd /proc && echo [0-9]*)
# The plain texts are in no argument, no file and no memory but this grep's.
search() { grep -saF -f <(tr -d '[]' <<<"$texts") "$@"; }
hit() {
  case "$1" in
    "$planted") echo 'control file' ;;
    "/proc/$sleeper/"*) echo "control ${1##*/}" ;;
    *) printf 'FOUND %s\n' "$1" ;;
  esac
}
hits() { while IFS= read -r path; do hit "$path"; done; }

env | search -q && hit env
git -C /work config --list --show-origin 2>/dev/null | search -q && hit 'git config'
git -C /work remote -v | grep -q . && hit 'a git remote'
search -l $(printf '/proc/%s/environ /proc/%s/cmdline ' $(for pid in $pids; do echo "$pid" "$pid"; done)) | hits
for pid in $pids; do
  head -c 8 "/proc/$pid/pagemap" >/dev/null 2>&1 || continue
  node "$reader" "$pid" 2>/dev/null | search -q && hit "/proc/$pid/mem"
  printf 'searched memory of %s\n' "$(cat "/proc/$pid/comm")"
done
printf 'searched %s processes\n' "$(echo $pids | wc -w)"

for place in /* /.[!.]*; do
  case "$place" in /proc | /sys) continue ;; esac
  [ -e "$place" ] || continue
  search -r -l --devices=skip "$place" | hits
  printf 'searched %s\n' "$place"
done
kill "$sleeper"
rm -f "$planted"
echo 'search done'
