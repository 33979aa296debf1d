cat <<EOF
no() {
