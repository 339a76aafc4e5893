//! The structure of YOLOv2, as its authors published it. Pure.

/// A convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Conv {
    /// Channels in.
    pub(crate) from: usize,
    /// Channels out.
    pub(crate) to: usize,
    /// Side of the kernel; the picture keeps its size.
    pub(crate) kernel: usize,
    /// What follows it.
    pub(crate) then: Then,
}

/// What follows a convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    /// Normalisation over the batch, then leaky ReLU of 0.1.
    NormAndLeaky,
    /// Nothing: the last one.
    Nothing,
}

/// A step of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Conv(Conv),
    /// The largest of each 2 x 2.
    Pool,
    /// What comes here is wanted again.
    Keep,
    /// Goes on with what was kept, and keeps what comes here instead.
    Swap,
    /// Puts each 2 x 2 into channels, then appends what was kept.
    FoldAndAppend,
}

/// A network and how its answers are read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plan {
    /// Side of the input, pixels.
    pub(crate) side: usize,
    /// In order, as the weights lie in the file.
    pub(crate) steps: Vec<Step>,
    /// Width and height of each box shape, in cells.
    pub(crate) anchors: Vec<(f32, f32)>,
}

/// Cells are so many pixels wide.
const CELL_PX: usize = 32;

/// Numbers for each box: place, size, objectness, one class.
pub(crate) const PER_BOX: usize = 6;

impl Plan {
    /// Obico's network.
    pub(crate) fn obico() -> Self {
        Self::yolov2(416, 1)
    }

    /// The same with `thinner` times fewer channels, for tests.
    pub(crate) fn yolov2(side: usize, thinner: usize) -> Self {
        let anchors = vec![
            (1.3221, 1.73145),
            (3.19275, 4.00944),
            (5.05587, 8.09892),
            (9.47112, 4.84053),
            (11.2364, 10.0071),
        ];
        let mut builder = Builder { steps: Vec::new(), channels: 3, thinner };
        // Darknet-19 without its head: each group ends in a pool, its first and last convolutions are 3 x 3.
        for widths in [&[32][..], &[64], &[128, 64, 128], &[256, 128, 256]] {
            builder.group(widths);
            builder.steps.push(Step::Pool);
        }
        builder.group(&[512, 256, 512, 256, 512]);
        let kept = builder.channels;
        builder.steps.extend([Step::Keep, Step::Pool]);
        builder.group(&[1024, 512, 1024, 512, 1024]);
        builder.conv(1024, 3);
        builder.conv(1024, 3);
        let deep = builder.channels;
        builder.steps.push(Step::Swap);
        builder.channels = kept;
        builder.conv(64, 1);
        builder.steps.push(Step::FoldAndAppend);
        builder.channels = builder.channels * 4 + deep;
        builder.conv(1024, 3);
        let to = anchors.len() * PER_BOX;
        let last = Conv { from: builder.channels, to, kernel: 1, then: Then::Nothing };
        builder.steps.push(Step::Conv(last));
        Self { side, steps: builder.steps, anchors }
    }

    /// Returns the convolutions in order.
    pub(crate) fn convs(&self) -> impl Iterator<Item = Conv> {
        self.steps.iter().filter_map(|step| match step {
            Step::Conv(conv) => Some(*conv),
            Step::Pool | Step::Keep | Step::Swap | Step::FoldAndAppend => None,
        })
    }

    /// Returns how many cells are in a row of the answer.
    pub(crate) fn cells(&self) -> usize {
        self.side / CELL_PX
    }

    /// Returns how many numbers the file must hold behind its head.
    pub(crate) fn numbers(&self) -> usize {
        self.convs().map(Conv::numbers).sum()
    }
}

impl Conv {
    /// Returns how many weights it has.
    pub(crate) fn weights(self) -> usize {
        self.from * self.to * self.kernel * self.kernel
    }

    fn numbers(self) -> usize {
        let each = match self.then {
            Then::NormAndLeaky => 4,
            Then::Nothing => 1,
        };
        self.to * each + self.weights()
    }
}

struct Builder {
    steps: Vec<Step>,
    channels: usize,
    thinner: usize,
}

impl Builder {
    fn conv(&mut self, to: usize, kernel: usize) {
        let to = (to / self.thinner).max(1);
        self.steps.push(Step::Conv(Conv { from: self.channels, to, kernel, then: Then::NormAndLeaky }));
        self.channels = to;
    }

    fn group(&mut self, widths: &[usize]) {
        for (at, &width) in widths.iter().enumerate() {
            self.conv(width, if at % 2 == 0 { 3 } else { 1 });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_the_size_that_is_known_of_obicos() {
        let plan = Plan::obico();
        assert_eq!(plan.convs().count(), 23);
        assert_eq!(plan.cells(), 13);
        let join = plan.convs().nth(21).unwrap();
        assert_eq!((join.from, join.to), (1280, 1024));
        // Multiplications and additions of a frame: 29.3 thousand millions are known.
        let (mut side, mut back, mut work) = (416, 0, 0);
        for step in &plan.steps {
            match step {
                Step::Conv(conv) => work += 2 * conv.weights() * side * side,
                Step::Pool => side /= 2,
                Step::Keep => back = side,
                Step::Swap => std::mem::swap(&mut side, &mut back),
                Step::FoldAndAppend => side /= 2,
            }
        }
        assert_eq!(side, 13);
        assert!((29.2e9..29.5e9).contains(&(work as f64)), "{work}");
        assert!((50.5e6..50.7e6).contains(&(plan.numbers() as f64)), "{}", plan.numbers());
    }
}
