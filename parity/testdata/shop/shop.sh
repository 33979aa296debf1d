input=$(cat)
case $ONEX_TOOL in
visit)
	name=$(echo "$input" | sed 's/.*"name": *"\([^"]*\)".*/\1/')
	test -n "$name" || exit 16
	echo "$name," >>book
	echo "{\"visits\": $(grep -c . book)}" ;;
close)
	rm book
	echo closed >sign
	echo "{}" ;;
crash) exit 99 ;;
random) echo "{\"n\": $$}" ;;
sky) echo "{\"sky\": \"$(weather)\"}" ;;
esac
