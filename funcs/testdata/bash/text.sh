#!/bin/bash
echo "no() { $(yes_in_substitution() { :; }; echo ")" '"') }" 'no() {'
echo $'it\'s no() {' \
  no_continued '() {'
cat <<EOF; cat <<-'END'
no() { $(
EOF
no() {
	END
a=( no [x]=1 # no() {
 "(" )
b[1]=(x)
(( x = (1 << 2) + 3 ))
echo $((1 << 2)) ${x#no()} "${x:-'}'}" ${y:-'}'} $# ${#z}
after_arithmetic() { :; }
if true; then in_then () { :; }; fi
[[ $a =~ ^(no|b)$ ]] && after_test() { :; }
case $x in
no) in_case() { :; } ;;
(no) ;;
*) : ;; esac
with-dash.and:colon() ( : )
echo function no
>&2 echo no
x=`echo \`echo "no() {"\` "no() {"`; after_backquote() { :; }
nested() { deeper() { :; }; }
