a() {
  cat <<EOF
no() {
EOF
}
# @onex:function
# Doc
b() { :; }
