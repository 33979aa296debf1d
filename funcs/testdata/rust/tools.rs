//! A crate. @onex:function is not a marker of a function here.

/// Validates a schema.
///
/// @onex:function
/// @error SCHEMA_INVALID
/// @side_effect logs
#[derive(Debug)]
pub async fn validate<'a, T: Fn(i32) -> bool, const N: usize>(
    mut schema: &'a Map<String, Vec<T>>, // a comment, with a comma
    (a, b): (u8, [u8; 2]),
    f: impl Iterator<Item = u8>,
) -> Result<(), Box<dyn Error + 'a>>
where
    T: Clone,
{
    Ok(())
}

pub struct Shop<T>(T);

impl<T> Shop<T> {
    // @onex_function
    // Marked by an ordinary comment
    pub(crate) unsafe extern "C" fn price(&self, order: Order) -> u8 { 1 }
    pub fn free(self: Box<Self>, x: u8) {}
}

/** @onex:function
 * In a block
 */
fn private() {}

// @onex:function

const X: u8 = 1;
