function a() {
const s = "not closed
function b() {}
)
}}
function c(x {
`${